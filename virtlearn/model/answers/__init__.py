"""What a deployment answers, a room for each kind of question, each read from its tree."""
