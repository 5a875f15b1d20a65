"""The made-up cast of the demo: nobody here exists. See load.py for how it is entered, and tours.py for what to look at."""
