"""The demo behind script/demo: a small police station, played for real.

Starts feierabend-relay and feierabend-gateway on free ports of this machine, with an LDIF file as directory and a roster
made around the present moment, lets the real client talk, watches the wire between a phone and the gateway, moves the
clock of all programs past a deadline with libfaketime, and lets the auditor's tool look at the log. Every step is
checked; with --scripted nobody is asked to press a key.
"""

import argparse
import base64
import datetime
import glob
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zoneinfo

PASSWORD = "Mond-über-Lüneburg-7"
PIN = "240815"
OFFICER_KEY = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
COUNCIL_KEY = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
PACKS = ["arbzg", "dv-messenger", "loeschfristen", "byod-drei", "zwei-faktor"]
# What this station has agreed beside the shipped packs: who may open gates in a major incident, and what never belongs into a message.
STATION_PACK = """
[pack]
id = "station"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
title = { de = "Vereinbarung der Station", en = "Agreement of the station" }
signers = ["administration", "staff-council"]

[[exception]]
id = "station.grosslage"
when = "override"
role = "einsatzleitung"
reasons = ["grosslage"]
longest = "4h"
limit = { count = 1, per = "week" }
pierces = ["dv.rest", "dv.off-duty", "dv.night"]
classes = ["routine", "urgent"]
cite = "ArbZG § 14 (1)"
title = { de = "Freigabe bei einer Großlage", en = "opening in a major incident" }

[[content.marker]]
id = "station.vs-nfd"
pattern = '\\bVS\\s*-?\\s*NfD\\b'
action = "stop"
cite = "VSA, Anlage V"
title = { de = "Verschlusssache – Nur für den Dienstgebrauch", en = "classified: for official use only" }
"""
OVERRIDE_S = 1800
GATE_OPENS_AFTER_S = 25
DAYS_PAST_DEADLINE = 8

UNITS = {
    "Streife": "Anna Becker,Bernd Cordes,Carla Dierks,Deniz Ergin,Elke Frerichs,Finn Gerdes,Greta Harms,Hauke Ihnen,Imke Janssen,Jonas Kruse,Karin Lammers,Lars Meyer",
    "Ermittlung": "Maren Nolte,Nils Otten,Olga Peters,Paul Quast,Ria Renken,Sven Siebels,Tanja Ulfers,Udo Voss,Vera Wilken,Willi Zimmer",
    "Leitstelle": "Dora Evers,Arne Folkerts,Birte Groen,Cord Hinrichs,Dagmar Ites,Enno Jürgens,Frauke Klaassen,Gerd Lübben,Hilke Mennen",
    "Führung": "Uwe Fischer,Ina Gronewold,Jens Heyen,Katja Imhoff,Lutz Jacobs,Meike Kampen,Norbert Linde,Petra Müller,Rolf Neuhaus",
}

TEXT = {
    "title": ("Feierabend: eine Nachricht, die wartet, bis ihr Leser im Dienst ist", "Feierabend: a message that waits until its reader is on duty"),
    "station": ("Eine erfundene Polizeistation: {people} Leute in {units} Einheiten. Relay und Gateway laufen, das Verzeichnis ist eine LDIF-Datei.",
                "A fictional police station: {people} people in {units} units. Relay and gateway run, the directory is an LDIF file."),
    "login": ("{name} meldet sich an: Passwort aus dem Verzeichnis, zweiter Faktor, Schlüssel des Geräts. Gerät „{device}“ ist eingetragen.",
              "{name} logs in: password from the directory, second factor, key of the device. Device “{device}” is enrolled."),
    "clock": ("Ein Einmalcode gilt nur einmal: Die Uhr aller Programme geht eine halbe Minute vor.", "A one-time code works once: the clock of all programs goes half a minute ahead."),
    "waits": ("Es ist Bernds zweites oder drittes Gerät, also wartet es auf das erste und zeigt einen Code. Auf dem Telefon: feierabend devices approve {code}",
              "It is a further device of Bernd's, so it waits for the first and shows a code. On the phone: feierabend devices approve {code}"),
    "fourth": ("Bernd will ein viertes Gerät eintragen. Abgelehnt:", "Bernd tries to enrol a fourth device. Refused:"),
    "closed": ("Bernds Telefon ist verbunden, aber er hat frei. Sein Tor, Klasse „routine“:", "Bernd's phone is connected, but he is off duty. His gate, class “routine”:"),
    "sent": ("Anna schreibt ihm. Angenommen, also auf der Platte; sie erfährt nur: wird später zugestellt.", "Anna writes to him. Accepted, which means on disk; all she learns is: will be delivered later."),
    "wire": ("Auf der Leitung zu Bernds Telefon seither: {bytes} Bytes. Gemessen, nicht gefragt.", "On the wire to Bernd's phone since then: {bytes} bytes. Measured, not asked."),
    "alarm_no": ("Anna darf keinen Alarm auslösen:", "Anna may not raise an alarm:"),
    "alarm": ("Dora aus der Leitstelle löst einen Alarm aus, Grund „grosslage“. Er geht durch: {seconds:.1f} s bis zum Telefon.",
              "Dora of the control room raises an alarm, reason “grosslage”. It passes: {seconds:.1f} s to the phone."),
    "still": ("Annas Nachricht wartet weiter. Das Tor öffnet um {time} …", "Anna's message still waits. The gate opens at {time} …"),
    "opened": ("Das Tor hat sich von selbst geöffnet, um {time}, zur angekündigten Sekunde. Auf Bernds Telefon:", "The gate opened by itself at {time}, at the second announced. On Bernd's phone:"),
    "why": ("Warum kam sie erst jetzt? Bernd fragt: feierabend why {message}", "Why only now? Bernd asks: feierabend why {message}"),
    "override_no": ("Elke hat noch bis übermorgen frei. Anna darf ihr Tor nicht öffnen:", "Elke is off duty until the day after tomorrow. Anna may not open her gate:"),
    "override": ("Großlage: Uwe (Einsatzleitung) öffnet es für eine halbe Stunde, mit Grund. {seconds:.1f} s später hat Elkes Telefon Annas Nachricht:",
                 "Major incident: Uwe (in command) opens it for half an hour, with a reason. {seconds:.1f} s later Elke's phone has Anna's message:"),
    "override_over": ("Nach der halben Stunde schließt es von selbst; ein zweites Mal in der Woche lassen die Regeln nicht zu:",
                      "After the half hour it closes by itself; the rules admit no second time in the week:"),
    "ledger": ("Elkes eigenes Ruhekonto, das niemand sonst sieht:", "Elke's own rest ledger, which nobody else sees:"),
    "content": ("Anna will eine Verschlusssache schicken. Ihr Gerät hält den Text an, bevor er verschlüsselt ist; er verlässt es nicht:",
                "Anna tries to send something classified. Her device stops the text before it is encrypted; it never leaves it:"),
    "wiped": ("Bernd hat sein Tablet verloren. Uwe (Verwaltung) löscht es; es meldet sich und erfährt:", "Bernd has lost his tablet. Uwe (administration) wipes it; it reports and is told:"),
    "removed": ("Das Gateway hat vorgeschlagen, das Tablet aus der Gruppe zu nehmen; ein Client hat es getan. Auf Bernds Telefon:",
                "The gateway proposed to remove the tablet from the group; a client committed it. On Bernd's phone:"),
    "marker": ("Der Schlüssel des Nachrichtenfachs und der verschlüsselte Umschlag liegen in {files} Datei(en) des Relays.", "The key of the message bucket and the sealed envelope are in {files} file(s) of the relay."),
    "deadline": ("Die Uhr geht {days} Tage weiter, über die Löschfrist hinaus …", "The clock goes {days} days on, past the deadline …"),
    "deleted": ("Fach und Schlüssel sind vernichtet: kein Byte davon in irgendeiner Datei.", "Bucket and key are destroyed: not a byte of them in any file."),
    "log": ("Das Protokoll, wie es Datenschutz und Personalrat lesen (ohne Inhalte, ohne Namen):", "The log as data protection officer and staff council read it (no contents, no names):"),
    "verified": ("Und es stimmt:", "And it holds:"),
    "listening": ("Es läuft noch, zum Ausprobieren:", "It still runs, for you to try:"),
    "try": ("Drei Befehle zum Ausprobieren (in einem anderen Fenster):", "Three commands to try (in another window):"),
    "again": ("Bernd hat wieder frei; sein Tor öffnet um {time} (Uhr der Station).", "Bernd is off duty again; his gate opens at {time} (clock of the station)."),
    "enter": ("Weiter mit Enter", "Press Enter"),
    "end": ("Enter beendet alles und räumt auf.", "Enter ends everything and cleans up."),
    "done": ("Aufgeräumt.", "Cleaned up."),
}


class Wrong(Exception):
    """A step was not as told."""


class Stage:
    """Speaks, waits and counts."""

    def __init__(self, scripted, language):
        self.scripted, self.language, self.step, self.passed = scripted, language, 0, 0
        self.color = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def say(self, key, **values):
        return TEXT[key][0 if self.language == "de" else 1].format(**values)

    def tell(self, key, **values):
        self.step += 1
        text = self.say(key, **values)
        print(f"\n\033[1m{self.step:2}. {text}\033[0m" if self.color else f"\n{self.step:2}. {text}", flush=True)

    def show(self, text):
        for line in str(text).rstrip().splitlines():
            print("      " + line, flush=True)

    def pause(self):
        if not self.scripted:
            input(f"      [{self.say('enter')}] ")

    def check(self, told, what):
        if not told:
            raise Wrong(what)
        self.passed += 1


class Wiretap:
    """Forwards bytes between a client and the gateway and counts those towards the client."""

    def __init__(self, target):
        self.to_client, self.target = 0, target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target()))
            threading.Thread(target=self.pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, True), daemon=True).start()

    def pump(self, source, sink, to_client):
        try:
            while data := source.recv(65536):
                if to_client:
                    self.to_client += len(data)
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Station:
    """The files and programs of the station, in one folder that goes at the end."""

    def __init__(self, programs):
        self.bin = os.path.abspath(programs)
        self.folder = tempfile.mkdtemp(prefix="feierabend-demo-")
        self.processes, self.offset_s, self.port = [], 0, 0
        self.tap = Wiretap(lambda: self.port)
        library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not library:
            raise Wrong("libfaketime is missing; run script/setup")
        self.move_clock(0)
        self.elke_from = int(self.now()) + 2 * 86400
        self.environment = dict(os.environ, LD_PRELOAD=library[0], FAKETIME_TIMESTAMP_FILE=self.path("clock"), FAKETIME_NO_CACHE="1",
                                FAKETIME_DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1", FEIERABEND_PIN_FILE=self.path("pin"),
                                FEIERABEND_PASSWORD_FILE=self.path("password"), PATH=self.bin + os.pathsep + os.environ["PATH"])
        for name in ("FEIERABEND_HOME", "LC_ALL"):
            self.environment.pop(name, None)
        self.write("pin", PIN + "\n")
        self.write("password", PASSWORD + "\n")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name + ".new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name + ".new"), 0o600)
        os.rename(self.path(name + ".new"), self.path(name))

    def move_clock(self, by_s):
        self.offset_s += by_s
        self.write("clock", f"+{self.offset_s}\n")

    def now(self):
        return time.time() + self.offset_s

    def make_certificates(self):
        def openssl(*words):
            subprocess.run(["openssl", *words], check=True, capture_output=True)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl("req", "-x509", *key, "-days", "3650", "-subj", "/CN=Feierabend demo authority", "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))
        openssl("req", *key, "-subj", "/CN=localhost", "-keyout", self.path("server.key"), "-out", self.path("server.csr"))
        self.write("server.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-days", "3650", "-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key"), "-CAcreateserial", "-extfile",
                self.path("server.ext"), "-in", self.path("server.csr"), "-out", self.path("server.pem"))

    def make_directory(self):
        salt = b"feierabend-demo-salt"
        stored = "{SSHA512}" + base64.b64encode(hashlib.sha512(PASSWORD.encode() + salt).digest() + salt).decode()
        entries, groups, count = ["version: 1\n"], {}, 0
        for unit, names in UNITS.items():
            for name in names.split(","):
                uid, count = name.split()[0].lower().replace("ü", "ue"), count + 1
                surname = name.split()[1]
                encoded = lambda key, text: f"{key}: {text}" if text.isascii() else f"{key}:: {base64.b64encode(text.encode()).decode()}"
                entries.append("\n".join([f"dn: uid={uid},ou=people,dc=station,dc=example", "objectClass: inetOrgPerson", f"uid: {uid}", encoded("cn", name),
                                          encoded("displayName", name), encoded("sn", surname), encoded("ou", unit), f"userPassword: {stored}"]) + "\n")
                group = unit.lower().replace("ü", "ue")
                groups.setdefault(group, []).append(uid)
        groups["messenger-admins"] = groups["einsatzleitung"] = ["uwe"]
        for group, members in groups.items():
            entries.append("\n".join([f"dn: cn={group},ou=groups,dc=station,dc=example", "objectClass: groupOfNames", f"cn: {group}"] +
                                     [f"member: uid={uid},ou=people,dc=station,dc=example" for uid in members]) + "\n")
        self.write("people.ldif", "\n".join(entries))
        self.people = [uid for group, members in groups.items() if group not in ("messenger-admins", "einsatzleitung") for uid in members]
        return count

    def make_roster(self, bernd_from):
        """Early, late and night shift around now; Bernd had two days off and begins at `bernd_from`."""
        now, hour = int(self.now()), 3600
        lines = ["person,kind,begin,end"]
        stamp = lambda t: datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        for number, uid in enumerate(self.people):
            if uid == "bernd":
                spans = [("duty", bernd_from, bernd_from + 8 * hour)]
            elif uid == "elke":
                spans = [("duty", self.elke_from, self.elke_from + 8 * hour)]
            elif uid in ("anna", "dora", "uwe"):
                spans = [("duty", now - 2 * hour, now + 6 * hour)]
            elif uid == "carla":
                spans = [("leave", now - 24 * hour, now + 240 * hour)]
            else:
                begin = now - now % hour + (number % 3 - 1) * 8 * hour
                spans = [("duty", begin + day * 24 * hour, begin + day * 24 * hour + 8 * hour) for day in range(3)]
            lines += [f"{uid},{kind},{stamp(begin)},{stamp(end)}" for kind, begin, end in spans]
        self.write("roster.csv", "\n".join(lines) + "\n")

    def open_gate_after(self, seconds):
        """A roster under which Bernd's gate opens then: with his duty."""
        opens = int(self.now()) + seconds
        self.make_roster(opens)
        return opens

    def start(self, name, *words):
        ready, log = self.path(name + ".ready"), open(self.path(name + ".log"), "ab")
        process = subprocess.Popen([os.path.join(self.bin, "feierabend-" + name), *words, "--ready-file", ready], env=self.environment, stdout=log, stderr=log)
        self.processes.append(process)
        for _ in range(400):
            if os.path.exists(ready):
                return open(ready).read().strip()
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise Wrong(f"feierabend-{name} does not start:\n" + open(self.path(name + ".log"), errors="replace").read())

    def start_programs(self):
        self.start("relay", "--listen", "unix:" + self.path("relay.sock"), "--data", self.path("relay"), "--log", "text")
        self.write("station.toml", STATION_PACK)
        packs = [word for pack in PACKS for word in ("--pack", f"rules/packs/{pack}/pack.toml")] + ["--pack", self.path("station.toml")]
        address = self.start("gateway", "--listen", "tcp:127.0.0.1:0", "--data", self.path("gateway"), "--tls-cert", self.path("server.pem"), "--tls-key",
                             self.path("server.key"), "--relay", "unix:" + self.path("relay.sock"), "--roster", self.path("roster.csv"), "--directory", "ldif",
                             "--ldif-file", self.path("people.ldif"), "--audit-officer-key", OFFICER_KEY, "--audit-council-key", COUNCIL_KEY, "--tenant",
                             "polizei-musterstadt.example", "--origin", f"https://127.0.0.1:{self.tap.port}", "--ping-interval", "3600", "--log", "text", *packs)
        self.port = int(address.rsplit(":", 1)[1])
        return address

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Device:
    """One folder of the real client, and the commands of its owner."""

    def __init__(self, station, person, name, tapped=False):
        self.station, self.person, self.name = station, person, name
        self.home = station.path("clients", f"{person}-{name}")
        os.makedirs(os.path.dirname(self.home), exist_ok=True)
        self.url = f"https://127.0.0.1:{station.tap.port if tapped else station.port}"
        self.lines, self.listening = [], None

    def run(self, *words, lang=None):
        command = ["feierabend", "--home", self.home, *(["--lang", lang] if lang else ["--json"]), *words]
        return subprocess.run(command, env=self.station.environment, capture_output=True, text=True, timeout=90)

    def ask(self, *words):
        done = self.run(*words)
        try:
            return done.returncode, json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {"error": done.stderr}
        except json.JSONDecodeError:
            return done.returncode, {"error": done.stdout + done.stderr}

    def login_words(self):
        return ("login", "--server", self.url, "--ca", self.station.path("ca.pem"), "--user", self.person, "--totp-secret-file",
                self.station.path(f"{self.person}.totp"), "--device-name", self.name, "--device-kind", "phone")

    def log_in(self):
        return self.ask(*self.login_words())

    def refusal(self, language, *words):
        """What the person reads when the command is refused, and the code in it."""
        done = self.run(*words, lang=language)
        lines = done.stderr.strip().splitlines()
        first = next((number for number, line in enumerate(lines) if line.startswith("feierabend: ")), 0)
        return done.returncode, "\n".join(lines[first:])

    def listen(self):
        self.listening = subprocess.Popen(["feierabend", "--home", self.home, "--json", "listen"], env=self.station.environment, stdout=subprocess.PIPE,
                                          stderr=open(self.station.path(f"{self.person}.listen.log"), "ab"), text=True)
        self.station.processes.append(self.listening)
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.listening.stdout:
            try:
                self.lines.append((self.station.now(), json.loads(line)))
            except json.JSONDecodeError:
                pass

    def wait_for(self, wanted, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for at, line in list(self.lines):
                if wanted(line):
                    return at, line
            time.sleep(0.02)
        raise Wrong(f"nothing as expected on the device of {self.person} within {seconds} s; it printed {self.lines}")


def local(stamp):
    return datetime.datetime.fromtimestamp(stamp, zoneinfo.ZoneInfo("Europe/Berlin"))


def parse_instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def files_with(folder, needle):
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(root, name), "rb") as file:
                if needle in file.read():
                    found.append(name)
    return found


def relay_secrets(station):
    """Every key of a bucket and every stored envelope whose deadline comes in this story, as bytes, read from a copy of the
    relay's database. What tells how groups changed stays longer, until every device has had the time to read it."""
    copy = station.path("copy")
    os.makedirs(copy)
    for name in glob.glob(station.path("relay", "*.db*")):
        shutil.copy(name, copy)
    secrets = []
    for name in glob.glob(os.path.join(copy, "*.db")):
        database = sqlite3.connect(name)
        due = [bucket for bucket, begin in database.execute("SELECT id, begin_s FROM bucket")
               if begin < time.time() + 30 * 86400]
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
            if table in ("receipt", "secret"):  # commitments to keys, and the installation's own key for message ids
                continue
            if table.startswith(("key_", "body_")) and int(table.split("_")[1]) not in due:
                continue
            only = f"WHERE bucket IN ({', '.join(map(str, due))})" if table == "entry" else ""
            for row in database.execute(f'SELECT * FROM "{table}" {only}'):
                secrets += [value for value in row if isinstance(value, bytes) and len(value) >= 32]
        database.close()
    shutil.rmtree(copy)
    return secrets


def play(stage, station):
    print(stage.say("title"))
    station.make_certificates()
    people = station.make_directory()
    station.make_roster(int(station.now()) + 86400)
    address = station.start_programs()
    stage.tell("station", people=people, units=len(UNITS))
    stage.show(f"gateway {address}, relay unix:{station.path('relay.sock')}")
    stage.pause()

    anna, dora, uwe = (Device(station, person, "Telefon") for person in ("anna", "dora", "uwe"))
    bernd = Device(station, "bernd", "Telefon", tapped=True)
    for device in (anna, dora, uwe, bernd):
        code, answer = device.log_in()
        stage.check(code == 0 and answer.get("step") == "done", f"{device.person} cannot log in: {answer}")
        stage.tell("login", name=answer["display_name"], device=device.name)
    stage.pause()

    stage.tell("clock")
    extra = [Device(station, "bernd", name) for name in ("Tablet", "Laptop", "Zweittelefon")]
    for device in extra[:2]:
        station.move_clock(31)
        code, answer = device.log_in()
        stage.check(code == 0 and answer.get("waiting") is True, f"device {device.name} does not wait for consent: {answer}")
        stage.tell("login", name=answer["display_name"], device=device.name)
        stage.tell("waits", code=answer["code"])
        code, early = device.ask("people", "an")
        stage.check(code != 0 and early["error"]["code"] == "device.waiting", f"{device.name} is not held off: {early}")
        done = bernd.run("devices", "approve", answer["code"], "--yes", lang=stage.language)
        stage.check(done.returncode == 0, f"the consent is refused: {done.stderr}")
        stage.show(done.stdout)
    station.move_clock(31)
    code, refused = extra[2].refusal(stage.language, *extra[2].login_words())
    stage.check(code != 0 and "device.limit" in refused, f"the fourth device is not refused: {refused}")
    stage.tell("fourth")
    stage.show(refused)
    stage.pause()

    bernd.listen()
    bernd.wait_for(lambda line: "classes" in line or line.get("event") == "gate" or "gate" in str(line.get("type", "")), 20)
    opens = station.open_gate_after(GATE_OPENS_AFTER_S)
    time.sleep(4)  # the gateway looks at the roster every two seconds
    code, gate = bernd.ask("gate")
    routine = next(one for one in gate["classes"] if one["class"] == "routine")
    stage.tell("closed")
    stage.show(routine["text_de" if stage.language == "de" else "text_en"])
    stage.check(routine["effect"] == "hold", f"Bernd's gate is not closed: {routine}")
    until = parse_instant(routine["until"])
    stage.check(abs(until - opens) <= 1, f"the gate opens at {routine['until']}, not as planned")

    before = station.tap.to_client
    code, accepted = anna.ask("send", "bernd", "Streifenplan für morgen hängt aus.")
    stage.check(code == 0 and accepted.get("state") == "accepted" and accepted.get("later") is True, f"Anna's message: {accepted}")
    stage.tell("sent")
    stage.show(f"{accepted['message']}  accepted, later: {accepted['later']}, deadline {accepted['deadline']}")
    time.sleep(2)
    on_wire = station.tap.to_client - before
    stage.tell("wire", bytes=on_wire)
    stage.check(on_wire == 0, f"{on_wire} bytes reached a device whose gate is closed")

    code, refused = anna.refusal(stage.language, "send", "bernd", "Alarm", "--class", "alarm", "--reason", "grosslage")
    stage.check(code != 0 and "alarm.not-permitted" in refused, f"Anna's alarm: {refused}")
    stage.tell("alarm_no")
    stage.show(refused)
    began = station.now()
    code, answer = dora.ask("send", "bernd", "Großlage am Sand: bitte melden", "--class", "alarm", "--reason", "grosslage")
    stage.check(code == 0, f"Dora's alarm: {answer}")
    at, line = bernd.wait_for(lambda one: one.get("class") == "alarm", 10)
    stage.tell("alarm", seconds=at - began)
    stage.show(line["text"])
    stage.check(station.tap.to_client > before, "the tap saw nothing of the alarm: then it would see nothing of anything")
    stage.check(not any(one.get("class") == "routine" and one.get("text") for _, one in bernd.lines), "Anna's message came before the gate opened")

    stage.tell("still", time=local(until).strftime("%H:%M:%S"))
    while not stage.scripted and station.now() < until - 1:
        print(f"\r      {until - station.now():4.0f} s ", end="", flush=True)
        time.sleep(0.5)
    at, line = bernd.wait_for(lambda one: one.get("class") == "routine" and "text" in one, GATE_OPENS_AFTER_S + 20)
    stage.tell("opened", time=local(at).strftime("%H:%M:%S"))
    stage.show(f"{line['message']}  {line['from_name']}: {line['text']}")
    stage.check(0 <= at - until < 2, f"the message came at {at}, the gate was to open at {until}")
    stage.tell("why", message=line["message"])
    code, why = bernd.ask("why", line["message"])
    stage.check(code == 0 and why["effect"] == "hold" and why["rules"], f"why: {why}")
    stage.show(why["text_de" if stage.language == "de" else "text_en"])
    stage.pause()

    play_override(stage, station, anna, uwe)

    tablet = extra[0]
    code, listed = uwe.ask("admin", "devices", "bernd")
    lost = next(one for one in listed["devices"] if one["name"] == "Tablet")
    code, answer = uwe.ask("admin", "wipe", lost["device"], "--reason", "lost", "--yes")
    stage.check(code == 0, f"the wipe is refused: {answer}")
    code, refused = tablet.refusal(stage.language, "devices")
    stage.tell("wiped")
    stage.show(refused)
    stage.check(code != 0 and "device.wiped" in refused, f"the wiped tablet: {refused}")
    stage.check(not os.path.exists(os.path.join(tablet.home, "key")), "the tablet kept its key")
    _, line = bernd.wait_for(lambda one: one.get("event") == "device-left" and one.get("device") == lost["device"], 20)
    stage.check(line["by_service"] is True, f"the removal was not the gateway's: {line}")
    code, answer = anna.ask("send", "bernd", "Das Tablet liest nicht mehr mit.")
    stage.check(code == 0, f"after the removal nothing can be sent: {answer}")
    at, after = bernd.wait_for(lambda one: one.get("text") == "Das Tablet liest nicht mehr mit.", 20)
    stage.tell("removed")
    stage.show(f"device-left {line['device'][:8]} ({line['person']})\n{after['message']}  {after['from_name']}: {after['text']}")
    stage.pause()

    secrets = relay_secrets(station)
    holding = {name for secret in secrets for name in files_with(station.path("relay"), secret)}
    stage.check(secrets and holding, "no key and no envelope found in the relay's files: the search itself is broken")
    stage.tell("marker", files=len(holding))
    stage.tell("deadline", days=DAYS_PAST_DEADLINE)
    bernd.listening.terminate()
    station.move_clock(DAYS_PAST_DEADLINE * 86400)
    end = time.monotonic() + 30
    while left := [secret for secret in secrets if files_with(station.path("relay"), secret)]:
        if time.monotonic() > end:
            raise Wrong(f"{len(left)} of {len(secrets)} secrets are still in the relay's files")
        time.sleep(0.5)
    stage.check(True, "")
    stage.tell("deleted")
    stage.pause()

    year = sorted(glob.glob(station.path("gateway", "audit", "[0-9]*.vkey")))[-1]
    folder, key = year[: -len(".vkey")], open(year).read().strip()
    readings = ("--purpose", "self-monitoring", "--readings", station.path("readings"))
    audit = lambda *words: subprocess.run(["feierabend-audit", *words, *(readings if words[0] == "show" else ())], env=station.environment, capture_output=True, text=True, timeout=60)
    shown = {}
    for _ in range(40):  # the receipt of the deletion is on its way
        shown = audit("show", folder, "--key", key, "--lang", stage.language)
        if audit("show", folder, "--key", key, "--type", "bucket-destroyed").stdout.strip():
            break
        time.sleep(0.5)
    stage.tell("log")
    stage.show(shown.stdout if shown.returncode == 0 else shown.stderr)
    for kind in ("device-refused", "message-held-by", "message-refused", "alarm-sent", "override-granted", "override-refused", "device-wiped", "bucket-destroyed", "rules-activated"):
        found = audit("show", folder, "--key", key, "--type", kind)
        stage.check(found.returncode == 0 and found.stdout.strip(), f"no entry {kind} in the log: {found.stderr}")
    verified = audit("verify", folder, "--key", key, "--lang", stage.language)
    stage.tell("verified")
    stage.show(verified.stdout + verified.stderr)
    stage.check(verified.returncode == 0, "the log does not verify")
    for word in (b"Streifenplan", b"Sand", b"Lagebild", b"Becker", b"bernd", b"elke"):
        stage.check(not files_with(station.path("gateway", "audit"), word), f"{word} stands in the audit log")


def play_override(stage, station, anna, uwe):
    """Somebody in a role opens a gate for a while; a marked text stays on its device."""
    words = ("override", "grant", "--rule", "station.grosslage", "--reason", "grosslage", "--for", f"{OVERRIDE_S}s", "elke")
    elke = Device(station, "elke", "Telefon")
    code, answer = elke.log_in()
    stage.check(code == 0, f"elke cannot log in: {answer}")
    elke.listen()
    elke.wait_for(lambda line: line.get("event") == "gate", 20)
    code, sent = anna.ask("send", "elke", "Alle zum Sand, Sammelpunkt Süd")
    stage.check(code == 0 and sent.get("later") is True, f"Elke's gate is open: {sent}")
    code, refused = anna.refusal(stage.language, *words)
    stage.tell("override_no")
    stage.show(refused)
    stage.check(code == 77 and "override.not-permitted" in refused, f"Anna's override: {refused}")

    began = station.now()
    code, granted = uwe.ask(*words)
    stage.check(code == 0 and granted.get("until"), f"Uwe's override: {granted}")
    at, line = elke.wait_for(lambda one: one.get("event") == "message" and "text" in one, 10)
    stage.tell("override", seconds=at - began)
    stage.show(f"{line['message']}  {line['from_name']}: {line['text']}")
    until = parse_instant(granted["until"])
    stage.check(abs(until - began - OVERRIDE_S) < 10, f"open until {granted['until']}, not for {OVERRIDE_S} s")

    station.move_clock(OVERRIDE_S)
    time.sleep(2)
    code, sent = anna.ask("send", "elke", "Nachtrag")
    stage.check(code == 0 and sent.get("later") is True, f"Elke's gate did not close by itself: {sent}")
    done = uwe.run(*words, "--totp-secret-file", station.path("uwe.totp"), lang=stage.language)
    stage.tell("override_over")
    stage.show(done.stdout)
    stage.check(done.returncode == 77, f"a second override: {done.stdout}{done.stderr}")
    stage.tell("ledger")
    stage.show("\n".join(elke.run("ledger", lang=stage.language).stdout.splitlines()[-3:]))
    code, ledger = elke.ask("ledger")
    stage.check(code == 0 and [one["reason"] for one in ledger["overrides"]] == ["grosslage"], f"Elke's ledger: {ledger}")
    elke.listening.terminate()

    code, refused = anna.refusal(stage.language, "send", "elke", "VS-NfD: Lagebild der Großlage")
    stage.tell("content")
    stage.show(refused)
    stage.check(code == 65 and "content.stopped" in refused, f"the marked text: {refused}")
    stage.pause()


def offer(stage, station):
    """The station stays up until Enter, with a small script a person that hides the paths."""
    for person, name in (("anna", "Telefon"), ("bernd", "Telefon")):
        path = station.path(person)
        lines = [f"export {key}='{station.environment[key]}'" for key in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC",
                                                                          "NO_FAKE_STAT", "FEIERABEND_PIN_FILE", "FEIERABEND_PASSWORD_FILE")]
        home = station.path("clients", f"{person}-{name}")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + "\n".join(lines) + f"\nexec '{station.bin}/feierabend' --home '{home}' \"$@\"\n")
        os.chmod(path, 0o755)
        Device(station, person, name, tapped=person == "bernd").log_in()
    opens = station.open_gate_after(120)
    print("\n" + stage.say("listening"))
    stage.show(f"gateway  https://127.0.0.1:{station.port}  (CA {station.path('ca.pem')})\nrelay    unix:{station.path('relay.sock')}\nfolder   {station.folder}")
    print("\n" + stage.say("try"))
    stage.show(f"{station.path('anna')} send bernd 'Moin, hörst du mich?'\n{station.path('bernd')} gate\n"
               f"{station.bin}/feierabend-audit show {sorted(glob.glob(station.path('gateway', 'audit', '[0-9]*.vkey')))[-1][:-5]} --lang {stage.language} --purpose self-monitoring --readings {station.path('readings')}")
    stage.show(stage.say("again", time=local(opens).strftime("%H:%M:%S")))
    input(f"\n[{stage.say('end')}] ")


def main():
    parser = argparse.ArgumentParser(prog="script/demo", description="Shows the main job of Feierabend on a fictional police station.")
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--scripted", action="store_true", help="do not wait for keys; check every step")
    parser.add_argument("--lang", choices=("de", "en"), default="de" if os.environ.get("LANG", "").startswith("de") else "en")
    arguments = parser.parse_args()
    stage = Stage(arguments.scripted or not sys.stdin.isatty(), arguments.lang)
    station = Station(arguments.bin)
    status = 0
    try:
        play(stage, station)
        if not stage.scripted:
            offer(stage, station)
    except Wrong as wrong:
        print(f"\nNOT AS TOLD: {wrong}", file=sys.stderr)
        for name in ("relay.log", "gateway.log", "bernd.listen.log"):
            if os.path.exists(station.path(name)):
                print(f"--- {name}\n" + open(station.path(name), errors="replace").read()[-4000:], file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        status = 130
    finally:
        station.stop()
    if status == 0:
        print(f"\n{stage.say('done')}")
        if stage.scripted:
            print(f"{stage.passed} passed, 0 failed")
    return status


if __name__ == "__main__":
    sys.exit(main())
