"""A show that moves: from another host to here, or away; what is done already, and what is left to do."""
