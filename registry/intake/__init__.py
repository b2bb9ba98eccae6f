"""What comes in, from a file or a form: parsed into cells, merged with what is stored, checked, and written."""
