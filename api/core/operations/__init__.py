"""Operations: the index, health, metrics, the settings and the server process."""
