"""How records get in and out: readers and writers of data files, by format."""
