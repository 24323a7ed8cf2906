"""Pictures taken at the work place: an attachment that is an image."""

from dataclasses import replace

from forms.fields import attachment

FIELD = replace(attachment.FIELD, name="photo")
