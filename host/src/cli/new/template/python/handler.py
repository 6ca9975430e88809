"""Counts the words of an event's data.text."""

import json

import wit_world
from componentize_py_types import Err
from wit_world.imports.types import Failure_Permanent, Output_Json


class WitWorld(wit_world.WitWorld):
    # The event is CloudEvents JSON. What is returned and what may be raised stands in wit/handler.wit.
    def handle(self, event: str):
        match json.loads(event):
            case {"data": {"text": str(text)}}:
                return Output_Json(json.dumps({"words": len(text.split())}))
        # No retry can mend it: the event is dead at once. Failure_Failed would be retried.
        raise Err(Failure_Permanent("data.text is not there, or no string"))
