"""Answers of the fake server that tests name as functions."""


def count_turns(body):
    return f"{len(body['messages'])} turns"


def left(body):
    return '{"side": "left", "size_mm": 3.5, "notes": []}'
