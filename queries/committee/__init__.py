"""What the questions of a buying group share: its people, what went between them and us, how firmly its roles are held."""
