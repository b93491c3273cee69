# A camera that goes on where it was when its publisher is killed: JPEG pictures, each with its number in a comment.
#   feeder.py FOLDER RATE     picture.jpg is the picture; counter holds the next number; stop ends it
import fcntl, os, sys, time

folder, rate = sys.argv[1], float(sys.argv[2])
picture = open(f"{folder}/picture.jpg", "rb").read()
lock = open(f"{folder}/feeder.lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)  # the one of the publisher before may be on its way out
try:
    number = int(open(f"{folder}/counter").read())
except FileNotFoundError:
    number = 1
with open(f"{folder}/starts", "a") as starts:
    starts.write(f"{number}\n")
while not os.path.exists(f"{folder}/stop"):
    note = f"{number:010d}" + "x" * (number * 37 % 3000)
    comment = b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note.encode()
    # The number is taken before the frame is out: none is ever used twice.
    number += 1
    with open(f"{folder}/counter.new", "w") as counter:
        counter.write(str(number))
    os.replace(f"{folder}/counter.new", f"{folder}/counter")
    try:
        os.write(1, picture[:2] + comment + picture[2:])
    except BrokenPipeError:
        sys.exit(0)
    time.sleep(1 / rate)
