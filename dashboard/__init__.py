"""What people see: the pages, and the command line that joins all commands."""
