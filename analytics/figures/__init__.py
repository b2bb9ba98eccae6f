"""Figures as a journal would print them: matplotlib without pyplot, one house style."""
