"""What `manage.py resource` writes: names that follow from one noun, files from templates, and lines in two files."""
