"""`python -m servery`."""

from servery.cli import main

main()
