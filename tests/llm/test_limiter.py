"""The gate: first come, first served; closed while the server asks for a pause; no place is lost."""

import asyncio
import time

from gmai.llm.limiter import Limiter


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_places_are_given_in_the_order_of_asking():
    async def play():
        gate, order = Limiter(2), []

        async def one(number):
            await gate.enter()
            order.append(number)

        tasks = [asyncio.ensure_future(one(number)) for number in range(6)]
        await settle()
        assert order == [0, 1] and gate.under_way == 2
        for _ in range(4):
            gate.leave()
            gate.coped()
            await settle()
        await asyncio.gather(*tasks)
        return order, gate.under_way

    assert asyncio.run(play()) == ([0, 1, 2, 3, 4, 5], 2)


def test_who_gives_up_while_waiting_or_just_served_leaves_no_place_behind():
    async def play():
        gate = Limiter(1)
        await gate.enter()
        waiting, served = asyncio.ensure_future(gate.enter()), asyncio.ensure_future(gate.enter())
        await settle()
        waiting.cancel()
        await settle()
        gate.leave()
        served.cancel()
        await asyncio.gather(waiting, served, return_exceptions=True)
        assert gate.under_way == 0
        await asyncio.wait_for(gate.enter(), 1)

    asyncio.run(play())


def test_a_refusal_halves_the_limit_once_a_round_and_closes_the_gate_for_the_pause():
    async def play():
        gate = Limiter(8)
        started = time.monotonic()
        for _ in range(8):
            await gate.enter()
        for _ in range(8):
            gate.refused(started, 0.05)
            gate.leave()
        assert gate.limit == 4
        await gate.enter()
        assert time.monotonic() - started >= 0.05 and gate.under_way == 1

    asyncio.run(play())
