"""What a person does about dead letters: read them, send them again, or let them go."""
