"""The fake server leaves nothing open."""

import gc
import socket
import warnings

from gmai.llm import FakeServer


def test_connections_only_just_accepted_are_closed_at_the_end():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(5):
            with FakeServer() as server:
                clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(10)]
            for client in clients:
                client.close()
            gc.collect()
    assert not [str(one.message) for one in told if one.category is ResourceWarning]
