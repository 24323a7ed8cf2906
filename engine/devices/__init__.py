"""What devices hand in: envelopes signed by a device and, where a step is signed, by a person.

A device works without a network and keeps what its people did as a chain of envelopes. Here is what
an envelope is and what proves it; `engine/commands/intake.py` takes envelopes in,
`engine/commands/device_commands.py` has the business decide them.
"""
