"""What is learned about orders, one course per kind of promise, told by what an order carries."""

from detectors.orders.course import Course
from detectors.orders.flight_course import FLIGHT
from detectors.orders.journey import Journey
from detectors.orders.parcel_features import PARCEL

COURSES: dict[str, Course] = {"flight": FLIGHT, "parcel": PARCEL}
"""By kind of promise; the first whose entity an order carries, and whose promises are as long, is its own."""


def course_of(order: Journey) -> Course | None:
    """How orders like this one are learned about; None when it carries nothing that any course knows."""
    entities = order.entities
    for course in COURSES.values():
        if course.carries in entities and order.promised - order.placed >= course.least_s:
            return course
    return None
