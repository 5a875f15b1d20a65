"""For tests only: a Django app whose `flush` copies the template, and helpers every test may import."""
