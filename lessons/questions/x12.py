"""What exercise 12 asks, with each student's own numbers."""

import virtlearn as vl
from virtlearn.core import cost, energy
from virtlearn.study import Code, Find, Number

DRAW = {
    "idle_w": range(60, 161, 5),
    "max_w": range(250, 451, 10),
    "hosts": range(8, 21),
    "night_percent": range(5, 25),
    "day_percent": range(55, 91),
    "day_hours": range(7, 13),
    # With a multiple of seven, both prices are nearly the same, and nobody could say which one was meant.
    "copies": tuple(n for n in range(5, 41) if n % 7),
    "shape": ((0.25, 1), (0.5, 2), (1, 4)),
}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 3, "6": 3}
HOURS_A_MONTH = 730
HOUR_S = 3600
J_A_KWH = 3.6e6
MACHINE = {"vm_cores": 2, "vm_gib": 8, "vm_usd_h": vl.evidence("COST-03").value}
PRICES = {
    "core_usd_h": vl.evidence("COST-02:vCPU-hour").value,
    "gib_usd_h": vl.evidence("COST-02:GB-hour").value,
}
MOST_COPIES = 60


def night_w(mine, idle_w=None):
    """Say what one server draws at night [W]."""
    idle = mine.idle_w if idle_w is None else idle_w
    return energy.power_w(mine.night_percent / 100, idle_w=idle, max_w=mine.max_w).item()


def day_kwh(mine, idle_w=None):
    """Add up a day of one server [kWh]."""
    idle = mine.idle_w if idle_w is None else idle_w
    load = [mine.day_percent / 100, mine.night_percent / 100]
    drawn = energy.power_w(load, idle_w=idle, max_w=mine.max_w)
    lasts = [mine.day_hours * HOUR_S, (24 - mine.day_hours) * HOUR_S]
    return energy.energy_j(drawn, lasts).item() / J_A_KWH


def carried_by(load, each):
    """Count the servers that are on for a load: each that is on draws one watt here."""
    enough = int(load / each) + 1
    on = energy.fleet_power_w(load, hosts=enough, cores=each, idle_w=1, max_w=1, packed=True)
    return round(on.item())


def servers_on(load_cores, memory_gib, cores, host_gib):
    """Count the servers that must be on for the load and for the memory that is held."""
    return max(carried_by(load_cores, cores), carried_by(memory_gib, host_gib))


def packed_w(load_cores, hosts, cores, idle_w, max_w, spare):
    """Say what a packed fleet draws that keeps some servers on for a sudden load [W]."""
    server = {"cores": cores, "idle_w": idle_w, "max_w": max_w}
    packed = energy.fleet_power_w(load_cores, hosts=hosts, packed=True, **server).item()
    ready = min(spare, hosts - carried_by(load_cores, cores))
    return packed + ready * idle_w


def my_packed_w(given, cost_w, *, bound=True):
    """Repeat the law with what a spare server costs, and with or without the end of the fleet."""
    load_cores, hosts, cores, idle_w, max_w, spare = given
    bare = packed_w(load_cores, hosts, cores, idle_w, max_w, 0)
    left = hosts - carried_by(load_cores, cores)
    return bare + (min(spare, left) if bound else spare) * cost_w


def rented(copies, shape):
    """Price copies on whole machines [USD/h]."""
    cores, gib = shape
    return cost.rented_usd_h(copies, copy_cores=cores, copy_gib=gib, **MACHINE).item()


def metered(copies, shape):
    """Price copies by what they ask for [USD/h]."""
    cores, gib = shape
    return cost.metered_usd_h(copies, copy_cores=cores, copy_gib=gib, **PRICES).item()


def on_one_machine(shape):
    """Say how many copies fill a machine."""
    cores, _gib = shape
    return round(MACHINE["vm_cores"] / cores)


def not_cheaper(answer, mine):
    """Say what keeps renting from being cheaper for so many copies."""
    if isinstance(answer, bool) or not isinstance(answer, int):
        return "Give a whole number of copies."
    if not 1 <= answer <= MOST_COPIES:
        return f"Give a number of copies from 1 to {MOST_COPIES}."
    rent = rented(answer, mine.shape)
    by_copy = metered(answer, mine.shape)
    if rent >= by_copy:
        return f"Rented, they cost {rent:.4f} USD an hour, by the copy {by_copy:.4f}. When is no machine part empty?"
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    server = (32, mine.idle_w, mine.max_w)
    night_cores = mine.hosts * 32 * mine.night_percent / 100

    return [
        Number(
            "x12.1",
            "How many W does one server draw at night?",
            answer=lambda: night_w(mine),
            unit="W",
            tolerance=2e-3,
            wrong=(
                (
                    lambda: night_w(mine, idle_w=0),
                    "A part of the load is not a part of the power: you left out what the server draws for being on.",
                ),
                (
                    lambda: mine.idle_w + night_w(mine, idle_w=0),
                    "At full load that would be more than max_w. The load adds a part of max_w - idle_w, not of max_w.",
                ),
                (
                    lambda: night_w(mine) - mine.idle_w,
                    "That is what the load adds. What does the server draw before it does anything?",
                ),
            ),
            hints=(
                "Idle power, and the part of the rest that goes with the load.",
                "vl.core.energy.power_w(mine.night_percent / 100, idle_w=…, max_w=…)",
            ),
        ),
        Number(
            "x12.2",
            "How many kWh do all your servers draw in a day?",
            answer=lambda: mine.hosts * day_kwh(mine),
            unit="kWh",
            tolerance=2e-3,
            wrong=(
                (
                    lambda: mine.hosts * day_kwh(mine, idle_w=0),
                    "That is power in proportion to load. Each server draws idle_w around the clock, whatever it does.",
                ),
                (lambda: day_kwh(mine), "That is one server. You have more of them."),
                (
                    lambda: mine.hosts * day_kwh(mine) * 1000,
                    "That is in Wh. A kWh is 1,000 of them.",
                ),
            ),
            hints=(
                "A day is mine.day_hours at one load, and the rest of 24 hours at the other.",
                "W times hours are Wh. A kWh is 1,000 of them.",
                "vl.core.energy.energy_j([day_w, night_w], seconds=[…, …]) / 3.6e6 is one server's day in kWh.",
            ),
        ),
        Code(
            "x12.3",
            "Write servers_on(load_cores, memory_gib, cores, host_gib): how many servers must be on.",
            law=servers_on,
            inputs=(
                (night_cores, 100, 32, 64),
                (3, 200, 32, 64),
                (64, 64, 32, 64),
                (65, 10, 32, 64),
                (1, 1, 16, 32),
            ),
            wrong=(
                (
                    lambda load, memory, cores, gib: carried_by(load, cores),
                    "That looks at the load alone. Memory that copies hold keeps servers on as well.",
                ),
                (
                    lambda load, memory, cores, gib: carried_by(memory, gib),
                    "That looks at memory alone. The load needs servers as well.",
                ),
                (
                    lambda load, memory, cores, gib: (
                        carried_by(load, cores) + carried_by(memory, gib)
                    ),
                    "The same server gives cores and memory. Take the larger count, not the sum.",
                ),
                (
                    lambda load, memory, cores, gib: max(load / cores, memory / gib),
                    "A server is on or off: round up.",
                ),
            ),
            hints=(
                "Count the servers for the load, and count those for the memory.",
                "math.ceil(load_cores / cores) is the first count.",
                "The larger of the two counts decides.",
            ),
            solution="return max(math.ceil(load_cores / cores), math.ceil(memory_gib / host_gib))",
        ),
        Code(
            "x12.4",
            "Write packed_w(load_cores, hosts, cores, idle_w, max_w, spare): the power of a packed fleet that keeps spare servers on.",
            law=packed_w,
            inputs=(
                (night_cores, mine.hosts, *server, 1),
                (night_cores, mine.hosts, *server, 0),
                (40, 10, 16, 100, 200, 2),
                (150, 10, 16, 100, 200, 3),
                (0, 4, 16, 100, 200, 1),
            ),
            wrong=(
                (
                    lambda *given: my_packed_w(given, 0),
                    "The spare servers are on: each of them draws its idle power.",
                ),
                (
                    lambda *given: my_packed_w(given, given[4]),
                    "A spare server has no load. It draws idle_w, not max_w.",
                ),
                (
                    lambda *given: my_packed_w(given, given[3], bound=False),
                    "Nearly. When nearly all servers are on, there are fewer left to keep as a spare.",
                ),
                (
                    lambda load, hosts, cores, idle, most, spare: energy.fleet_power_w(
                        load, hosts=hosts, cores=cores, idle_w=idle, max_w=most
                    ).item(),
                    "That is the spread fleet, with all servers on.",
                ),
            ),
            hints=(
                "How many servers are on? Those that carry the load, and the spare ones, but never more than there are.",
                "on = min(hosts, math.ceil(load_cores / cores) + spare)",
                "Each that is on draws idle_w; the load adds (max_w - idle_w) * load_cores / cores in all.",
            ),
            solution="on = min(hosts, math.ceil(load_cores / cores) + spare); return on * idle_w + (max_w - idle_w) * load_cores / cores",
        ),
        Number(
            "x12.5",
            "How many USD do your copies cost in a month when they are paid by the copy?",
            answer=lambda: HOURS_A_MONTH * metered(mine.copies, mine.shape),
            unit="USD",
            tolerance=2e-3,
            wrong=(
                (
                    lambda: (
                        HOURS_A_MONTH * metered(mine.copies, mine.shape) * mine.night_percent / 100
                    ),
                    "The meter reads what a copy asks for, not what it uses.",
                ),
                (
                    lambda: HOURS_A_MONTH * rented(mine.copies, mine.shape),
                    "That is what rented machines cost.",
                ),
                (
                    lambda: HOURS_A_MONTH * mine.copies * mine.shape[0] * PRICES["core_usd_h"],
                    "Those are the cores alone. The memory that a copy asks for is paid as well.",
                ),
                (
                    lambda: metered(mine.copies, mine.shape),
                    "That is for an hour. A month has 730 of them.",
                ),
            ),
            hints=(
                "Each copy pays for its cores and for its GiB, by the hour.",
                "vl.core.cost.metered_usd_h(mine.copies, copy_cores=cores, copy_gib=gib, **prices)",
            ),
        ),
        Find(
            "x12.6",
            f"Find a number of copies, from 1 to {MOST_COPIES}, for which rented machines are cheaper than paying by the copy.",
            accept=lambda answer: not_cheaper(answer, mine),
            example=lambda: on_one_machine(mine.shape),
            wrong=(
                (
                    lambda: 1,
                    "One copy leaves most of a rented machine empty, and the machine is paid whole.",
                ),
                (
                    lambda: on_one_machine(mine.shape) + 1,
                    "The last copy rents a machine for itself alone.",
                ),
            ),
            hints=(
                "A rented machine is paid whole. When is nothing of it empty?",
                "How many of your copies fill 2 cores and 8 GiB?",
            ),
        ),
    ]
