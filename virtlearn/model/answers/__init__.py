"""What a deployment answers, a room for each kind of question; each answer is read from its tree."""
