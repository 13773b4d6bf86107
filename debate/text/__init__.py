"""From what people typed to what is shown: essays, replies, addresses and names, all pure functions of their input."""
