"""What things are: errors, places, blocks, vocabulary and the tables of the store."""
