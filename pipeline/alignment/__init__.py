"""What is the same across years: funds and indicators under their several names."""
