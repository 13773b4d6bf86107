"""Asks the server on this machine for /livez, or the path given: exit status 0 if it answers 200."""

import os
import sys
from http.client import HTTPConnection, HTTPException

port = int(os.environ.get("DEBATE_PORT") or 5000)
name = (os.environ.get("DEBATE_TRUSTED_HOSTS") or "127.0.0.1").split(",")[0].strip()  # to others it answers 400
connection = HTTPConnection("127.0.0.1", port, timeout=3)
try:
    connection.request("GET", (sys.argv[1:] or ["/livez"])[0], headers={"Host": name})
    status = connection.getresponse().status
except (OSError, HTTPException) as error:
    sys.exit(str(error))
sys.exit(0 if status == 200 else f"answered {status}")
