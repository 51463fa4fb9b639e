"""What a migration says to the database itself.

Django's own operation for it gives the models as they were at that point, and makes all of them anew for that, each
time: with our number of them, a third of the time in which a new database is made.
"""

from django.db.migrations.operations.base import Operation


class Statements(Operation):
    """Call a function with the schema editor; there is no way back."""

    reversible = False

    def __init__(self, forwards):
        self.forwards = forwards

    def deconstruct(self):
        return type(self).__qualname__, [self.forwards], {}

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.forwards(schema_editor)

    def describe(self):
        return "Say statements to the database itself"
