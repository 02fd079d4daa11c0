"""The restaurant example: two years of sales of a restaurant group in Brazil."""
