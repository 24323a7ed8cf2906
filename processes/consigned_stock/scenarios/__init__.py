"""What happens with goods that are not ours."""
