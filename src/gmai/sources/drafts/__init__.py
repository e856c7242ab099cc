"""Drafts of cards: what a folder holds, which formats read it, and a card that says what is sure and what is not."""
