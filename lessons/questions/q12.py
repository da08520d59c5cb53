"""What lesson 12 asks, what is right, and what each usual mistake is told."""

import math

import virtlearn as vl
from virtlearn.core import cost, energy
from virtlearn.study import Choice, Code, Number

# An IBM x3550 M3 (POW-03), and ten of them with the lesson's memory.
TABLE = [part.value for part in vl.evidence("POW-03").parts]
IDLE_W, MAX_W = TABLE[0], TABLE[-1]
FLEET = [vl.Host(cores=16, memory_gib=32, cpu_overcommit=1)] * 10
NIGHT_CORES = 15

# The server of the first check: nine hours at 80 %, the rest of the day at 10 %.
SMALLER = [part.value for part in vl.evidence("POW-02").parts]
LOADS, HOURS = [0.8, 0.1], [9, 15]
WH = 3600.0
KWH = 3.6e6

# Twelve servers of the second check.
TWELVE = {"hosts": 12, "cores": 32, "idle_w": 120, "max_w": 350}
LOAD_CORES = 70

HOURS_A_MONTH = 730
MACHINE = {"vm_cores": 2, "vm_gib": 8, "vm_usd_h": vl.evidence("COST-03").value}
PRICES = {
    "core_usd_h": vl.evidence("COST-02:vCPU-hour").value,
    "gib_usd_h": vl.evidence("COST-02:GB-hour").value,
}


def night_w(packed):
    """Say what the ten servers draw at night [W]."""
    fleet = {"hosts": 10, "cores": 16, "idle_w": IDLE_W, "max_w": MAX_W}
    return energy.fleet_power_w(NIGHT_CORES, packed=packed, **fleet).item()


def servers_on(guest_gib, copies=60):
    """Count the servers that hold all copies, packed as tightly as they go."""
    app = vl.Workload("app", cpu_cores=0.25, memory_mib=256 + 1024 * guest_gib)
    return len(set(vl.place([app] * copies, FLEET, policy="first-fit").host_of.tolist()))


def day_kwh(watts):
    """Add up a day of a server with this table [kWh]."""
    drawn = energy.power_from_table_w(LOADS, watts)
    return energy.energy_j(drawn, [hours * WH for hours in HOURS]).item() / KWH


def twelve_w(packed):
    """Say what the twelve servers draw [W]."""
    return energy.fleet_power_w(LOAD_CORES, packed=packed, **TWELVE).item()


def rented(copies, cores, gib):
    """Price copies on whole machines [USD/h]."""
    return cost.rented_usd_h(copies, copy_cores=cores, copy_gib=gib, **MACHINE).item()


def metered(copies, cores, gib):
    """Price copies by what they ask for [USD/h]."""
    return cost.metered_usd_h(copies, copy_cores=cores, copy_gib=gib, **PRICES).item()


def month_more():
    """Say how much more the machines cost in a month [USD]."""
    return HOURS_A_MONTH * (rented(10, 0.5, 3) - metered(10, 0.5, 3))


def as_the_lesson_broke_it(copies, cores, gib):
    """Price by cores alone, and forget the machine that is begun last."""
    return copies // (MACHINE["vm_cores"] / cores) * MACHINE["vm_usd_h"]


def full_machines(copies, cores, gib):
    """Price by both resources, and forget the machine that is begun last."""
    each = min(MACHINE["vm_cores"] // cores, MACHINE["vm_gib"] // gib)
    return copies // each * MACHINE["vm_usd_h"]


def by_cores_alone(copies, cores, gib):
    """Price whole machines by cores alone."""
    return math.ceil(copies / (MACHINE["vm_cores"] // cores)) * MACHINE["vm_usd_h"]


QUESTIONS = [
    Choice(
        "12.1",
        "A server draws 58.4 W idle and 222 W at full load (POW-03). Now it is half busy. What does it draw?",
        options={
            "A": (
                "111 W: half the load, half the power",
                "That leaves out what it draws for being on. Only the part above 58.4 W goes with the load.",
            ),
            "B": (
                "140 W",
                "58.4 W for being on (POW-03), and half of what full load adds to it.",
            ),
            "C": (
                "58.4 W: it has work to spare",
                "So much it draws with no work at all. Each step of load adds to it.",
            ),
            "D": (
                "222 W: what is on draws all it can",
                "Processors slow down or sleep while they have nothing to do. An idle server draws much, but not all.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"The measured table says {TABLE[5]:g} W; a straight line between its ends says "
            f"{energy.power_w(0.5, idle_w=IDLE_W, max_w=MAX_W).item():.1f} W."
        ),
    ),
    Number(
        "12.a",
        "A server is 80 % busy for 9 hours, and 10 % for the other 15. How many kWh does it draw in this day, by the table of POW-02?",
        answer=lambda: day_kwh(SMALLER),
        unit="kWh",
        tolerance=0.003,
        wrong=(
            (
                lambda: day_kwh([0, SMALLER[-1]]),
                "Half the load is not half the power: you left out what the server draws for being on.",
            ),
            (
                lambda: day_kwh(SMALLER) * 1000,
                "That is in Wh. A kWh is 1,000 of them, or 3,600,000 J.",
            ),
            (
                lambda: SMALLER[8] * HOURS[0] / 1000,
                "Those are the busy hours. At 10 % it is still on, and for longer.",
            ),
        ),
        hints=(
            "Look up the power at each of the two loads first.",
            "vl.core.energy.power_from_table_w([0.8, 0.1], watts) gives both, in W.",
            "W times hours are Wh: 9 times the first and 15 times the second. Divide by 1,000.",
        ),
        solution=lambda: (
            f"({SMALLER[8]:g} W * 9 h + {SMALLER[1]:g} W * 15 h) / 1,000 = {day_kwh(SMALLER):.3f} kWh."
        ),
    ),
    Choice(
        "12.2",
        "Sixty copies keep 15 cores busy. Six run on each of ten servers, which draw 737 W together. You put all sixty on one server and switch nine off. What is drawn now?",
        options={
            "A": (
                "737 W: the work is the same",
                "The work is the same, and its power is. But nine servers no longer draw power for being on.",
            ),
            "B": (
                "74 W: one server of ten",
                "The one server now does the work of ten. What the load adds stays.",
            ),
            "C": (
                "212 W",
                "The load adds as much as before, and one server is on instead of ten.",
            ),
            "D": (
                "about 690 W: an idle server draws little",
                "One of them draws 58.4 W for being on (POW-03), and you switch off nine.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"The law says {night_w(packed=False):.0f} W spread, and {night_w(packed=True):.0f} W packed."
        ),
    ),
    Choice(
        "12.3",
        "Now each of the sixty copies is in a VM, whose guest takes 2 GiB; the application takes 256 MiB. A server has 16 cores and 32 GiB. You pack again. How many servers are on?",
        options={
            "A": (
                "one: the load is 15 cores, as before",
                "Its processor could carry them. Its memory holds fourteen of these VMs.",
            ),
            "B": (
                "four: that many hold the guests",
                "The guests alone take 120 GiB. The applications need room too, and a VM is never split between two servers.",
            ),
            "C": (
                "five",
                "Fourteen VMs of 2.25 GiB fit into 32 GiB. The fifth server takes the last four.",
            ),
            "D": (
                "ten: VMs cannot be packed",
                "They can, and they can even be moved while they run (lesson 11). They only need more room.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"Placing them says {servers_on(2)} servers with guests, and {servers_on(0)} without."
        ),
    ),
    Number(
        "12.b",
        "Twelve servers of 32 cores draw 120 W idle and 350 W at full load. They carry 70 cores of work. How many W does packing save?",
        answer=lambda: twelve_w(packed=False) - twelve_w(packed=True),
        unit="W",
        tolerance=0.002,
        wrong=(
            (
                lambda: TWELVE["idle_w"] * (TWELVE["hosts"] - LOAD_CORES / TWELVE["cores"]),
                "You switched off a part of a server. 70 cores need three servers, the third of them part empty.",
            ),
            (
                lambda: TWELVE["max_w"] * 9,
                "The nine servers that go off were nearly idle. Count what they draw for being on; the work goes on elsewhere.",
            ),
            (
                lambda: twelve_w(packed=True),
                "That is drawn when they are packed. How much less is it than before?",
            ),
        ),
        hints=(
            "How many servers of 32 cores carry 70 cores? The others go off.",
            "vl.core.energy.fleet_power_w(70, **servers) is the power when spread.",
            "Subtract vl.core.energy.fleet_power_w(70, packed=True, **servers) from it.",
        ),
        solution=lambda: (
            f"{twelve_w(packed=False):g} W - {twelve_w(packed=True):g} W: nine servers of 120 W go off."
        ),
    ),
    Choice(
        "12.4",
        "Four copies, each of half a core and 2 GiB, fill a rented machine of two cores and 8 GiB. A cloud would also run them as containers, paid by what they ask for. Which costs less?",
        options={
            "A": (
                "the containers: no guest has to be paid",
                "You do not see a guest, but a price is not a sum of memory. The service that runs them for you is in it.",
            ),
            "B": (
                "the machine, by about an eighth",
                "By the two price lists, a full machine costs less than the same cores and memory by the copy (COST-02, COST-03).",
            ),
            "C": (
                "neither: the cores and the memory are the same",
                "They are. But one price has a service in it that places and starts the copies for you.",
            ),
            "D": (
                "the containers: what they do not use is not paid",
                "You pay what a copy asks for, used or not, as the scheduler of lesson 09 counts it.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"In USD an hour: {rented(4, 0.5, 2):.4f} for the machine (COST-03), "
            f"{metered(4, 0.5, 2):.4f} by the copy (COST-02)."
        ),
    ),
    Number(
        "12.c",
        "Ten copies ask for half a core and 3 GiB each. How many USD do rented machines cost more in a month of 730 hours than paying by the copy?",
        answer=month_more,
        unit="USD",
        tolerance=0.003,
        wrong=(
            (
                lambda: HOURS_A_MONTH * (by_cores_alone(10, 0.5, 3) - metered(10, 0.5, 3)),
                "You filled each machine by cores. Four copies of 3 GiB do not fit into 8 GiB: two do.",
            ),
            (
                lambda: HOURS_A_MONTH * (10 * 3 / 8 * MACHINE["vm_usd_h"] - metered(10, 0.5, 3)),
                "You rented a part of a machine, and split a copy between two. Machines and copies are whole.",
            ),
            (
                lambda: month_more() / HOURS_A_MONTH,
                "That is for an hour. A month has 730 of them.",
            ),
        ),
        hints=(
            "How many copies of half a core and 3 GiB fit into 2 cores and 8 GiB? The smaller count decides.",
            "vl.core.cost.rented_usd_h(10, copy_cores=0.5, copy_gib=3, **machine) and metered_usd_h(…, **prices).",
            "Subtract the second from the first, and multiply by 730.",
        ),
        solution=lambda: (
            f"730 * ({rented(10, 0.5, 3):.4f} - {metered(10, 0.5, 3):.4f}) = {month_more():.2f} USD: "
            "two copies fill the memory of a machine and leave half of its cores unused."
        ),
    ),
    Code(
        "12.d",
        "Repair my_rent(copies, cores, gib): whole machines of 2 cores and 8 GiB at 0.0816 USD an hour, each with as many copies as both resources allow.",
        law=rented,
        inputs=(
            (4, 0.5, 2),
            (5, 0.5, 2),
            (10, 0.5, 3),
            (7, 1, 1),
            (1, 0.25, 1),
        ),
        wrong=(
            (
                as_the_lesson_broke_it,
                "Nothing has changed yet: memory plays no part, and the last machine is forgotten.",
            ),
            (
                full_machines,
                "Memory counts now. But a machine that is begun is rented whole: round up, not down.",
            ),
            (
                by_cores_alone,
                "The last machine counts now. But memory plays no part: how many copies does it hold?",
            ),
        ),
        hints=(
            "How many copies does the memory of a machine hold? Whole ones: 8 // gib.",
            "each = min(2 // cores, 8 // gib)",
            "machines = np.ceil(copies / each)",
        ),
        solution="each = min(2 // cores, 8 // gib); return np.ceil(copies / each) * 0.0816",
    ),
    Choice(
        "12.q1",
        "You pack a night's work on three servers of twelve, and switch the others off. What do you pay for the power that you save?",
        options={
            "A": (
                "one failure takes more copies, and a sudden load waits for a server to start",
                "Right: the first is lesson 06, the second lesson 10. So operators keep some servers on.",
            ),
            "B": (
                "nothing: packing costs nothing",
                "Three servers hold what twelve did. What happens when one of them fails?",
            ),
            "C": (
                "the copies compute at a quarter of their speed",
                "Not while the three servers have cores enough for all the work.",
            ),
            "D": (
                "nothing is saved: the work is the same",
                "Nine servers no longer draw what they drew for being on.",
            ),
        },
        answer="A",
    ),
    Choice(
        "12.q2",
        "A copy asks for one core and 2 GiB and is paid by the copy. At night it uses 5 % of its core. What does a night hour cost?",
        options={
            "A": (
                "5 % of an hour by day",
                "The meter reads what the copy asks for. Use does not enter (COST-01).",
            ),
            "B": (
                "nothing: it is nearly idle",
                "It still holds its core and its memory. To pay nothing, stop it.",
            ),
            "C": ("the memory alone", "The core is reserved as well, and paid."),
            "D": (
                "as much as an hour by day",
                "Yes. Asking for less, or stopping the copy, is what lowers the bill.",
            ),
        },
        answer="D",
    ),
    Choice(
        "12.q3",
        "When is paying by the copy cheaper than renting machines, at the prices of this lesson?",
        options={
            "A": (
                "always: containers need fewer resources",
                "A full machine was cheaper than its content by the copy (COST-02, COST-03).",
            ),
            "B": (
                "never: a service has to be paid",
                "It is paid, but so is an empty half of a rented machine.",
            ),
            "C": (
                "where rented machines would stand part empty, or run for a part of the day",
                "Right: by the copy, you do not pay what you do not ask for.",
            ),
            "D": (
                "from a certain number of copies on",
                "The number alone does not decide. Each time a further machine is begun, the answer can turn.",
            ),
        },
        answer="C",
    ),
    Choice(
        "12.q4",
        "How can idle guests raise the power bill?",
        options={
            "A": (
                "their kernels keep the processors busy",
                "An idle guest waits nearly all the time. Something else that it takes is the reason here.",
            ),
            "B": (
                "the memory that they hold keeps more servers on",
                "Yes: and each server draws a part of its full power for being on (POW-04 to POW-06).",
            ),
            "C": (
                "they cannot: they compute nothing",
                "They need room. Room is in servers, and servers that are on draw power.",
            ),
        },
        answer="B",
    ),
]
