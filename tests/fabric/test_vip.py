"""A virtual address that moves, proved with packets."""

import time

from tests.fabric.bench import Host
from tests.fabric.conftest import VIP, WEB, Town


def answers(holder: Host, asking: Host, address: str) -> bool:
    """Tell whether it is this holder who answers at an address."""
    with holder.listen(WEB, address=VIP) as server:
        client = asking.connect(address, WEB)
        if client is None:
            return False
        try:
            taken, _ = server.accept()
        except TimeoutError:
            return False
        taken.close()
        return True


def test_a_virtual_address_moves_to_another_node_within_a_second(town: Town) -> None:
    one, two, floating = town["node1"], town["node2"], town.outside(102)
    machine = town.bench.machine()
    one.add_address(VIP)
    try:
        assert answers(one, town["peer"], VIP)
        assert answers(one, machine, floating)
        one.close()
        # As the first one's power goes: nobody says goodbye.
        one.drop_address(VIP)
        began = time.monotonic()
        two.add_address(VIP)
        assert answers(two, town["peer"], VIP)
        assert answers(two, town["far"], VIP)
        assert answers(two, machine, floating)
        assert time.monotonic() - began < 1
    finally:
        for node in (one, two):
            node.close()
            node.drop_address(VIP, may_fail=True)


def test_a_floating_ip_on_a_virtual_address_answers_from_inside_too(town: Town) -> None:
    node = town["node1"]
    node.add_address(VIP)
    try:
        assert answers(node, town["peer"], town.outside(102))
        assert answers(node, town["twin"], town.outside(102))
    finally:
        node.close()
        node.drop_address(VIP)
