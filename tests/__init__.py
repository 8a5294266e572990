"""Whatever imports from here runs by the tests' clock."""

from tests import clock as clock
