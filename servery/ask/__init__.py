"""`servery ask`: a question from the command line, with its answer, its plan and its SQL."""
