"""A serial number; the same rules as a lot number (INV-06)."""

from dataclasses import replace

from forms.fields import lot

FIELD = replace(lot.FIELD, name="serial")
