# The rest of a desktop, for tests: a panel that shows tray icons (org.kde.StatusNotifierWatcher), and a hand that looks and
# clicks. Reads one JSON command a line, answers each with one line.
import json
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

ITEM, MENU, WATCHER = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu", "org.kde.StatusNotifierWatcher"
PROPERTIES = "org.freedesktop.DBus.Properties"

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
items = []


class Watcher(dbus.service.Object):
    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender):
        # A path alone, or a name alone: both are in use.
        item = (sender, service) if service.startswith("/") else (service, "/StatusNotifierItem")
        if item not in items:
            items.append(item)
        self.StatusNotifierItemRegistered(service)

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, service):
        self.StatusNotifierHostRegistered()

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, service):
        pass

    @dbus.service.signal(WATCHER)
    def StatusNotifierHostRegistered(self):
        pass

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return {
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
            "RegisteredStatusNotifierItems": dbus.Array([name + path for name, path in items], signature="s"),
        }


def plain(value):
    """What JSON can hold. Pixels become text, to be compared only."""
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, dbus.Array) and value.signature == "y":
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)


def living():
    return [(name, path) for name, path in items if bus.name_has_owner(name)]


def menu_of(name, path):
    where = bus.get_object(name, path).Get(ITEM, "Menu", dbus_interface=PROPERTIES)
    return dbus.Interface(bus.get_object(name, where), MENU)


def entry(node):
    number, properties, children = node
    return {"id": int(number), **plain(properties), "children": [entry(child) for child in children]}


def tray(_command):
    shown = []
    for name, path in living():
        properties = plain(bus.get_object(name, path).GetAll(ITEM, dbus_interface=PROPERTIES))
        menu = menu_of(name, path)
        _revision, root = menu.GetLayout(0, -1, dbus.Array([], signature="s"))
        shown.append({"properties": properties, "menu": entry(root)["children"]})
    return shown


def click(command):
    """False: the menu was set anew since it was looked at, and that entry is no more."""
    name, path = living()[-1]
    try:
        menu_of(name, path).Event(command["id"], "clicked", dbus.Int32(0), dbus.UInt32(0))
    except dbus.DBusException as thrown:
        if thrown.get_dbus_name() == "org.freedesktop.DBus.Error.Failed":
            return False
        # A program that ends upon it answers no more.
        if thrown.get_dbus_name() != "org.freedesktop.DBus.Error.NoReply":
            raise
    return True


def activate(_command):
    name, path = living()[-1]
    bus.get_object(name, path).Activate(0, 0, dbus_interface=ITEM)


def owned(command):
    return bool(bus.name_has_owner(command["name"]))


SECRETS = "org.freedesktop.secrets"


def lock(_command):
    service = dbus.Interface(bus.get_object(SECRETS, "/org/freedesktop/secrets"), "org.freedesktop.Secret.Service")
    collection = service.ReadAlias("default")
    service.Lock([collection])
    return bool(bus.get_object(SECRETS, collection).Get("org.freedesktop.Secret.Collection", "Locked", dbus_interface=PROPERTIES))


def unlock(command):
    """As the login does it, without asking anybody."""
    service = bus.get_object(SECRETS, "/org/freedesktop/secrets")
    _output, session = service.OpenSession("plain", "", dbus_interface="org.freedesktop.Secret.Service")
    collection = service.ReadAlias("default", dbus_interface="org.freedesktop.Secret.Service")
    secret = dbus.Struct((session, dbus.ByteArray(b""), dbus.ByteArray(command["password"].encode()), "text/plain"), signature="oayays")
    service.UnlockWithMasterPassword(collection, secret, dbus_interface="org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")


class Prompter(dbus.service.Object):
    """Whoever is asked to unlock the keychain, and is asleep."""

    @dbus.service.method("org.gnome.keyring.internal.Prompter", in_signature="o")
    def BeginPrompting(self, callback):
        pass

    @dbus.service.method("org.gnome.keyring.internal.Prompter", in_signature="osa{sv}s")
    def PerformPrompt(self, callback, kind, properties, exchange):
        pass

    @dbus.service.method("org.gnome.keyring.internal.Prompter", in_signature="o")
    def StopPrompting(self, callback):
        pass


def fall_asleep(_command):
    own(dbus.service.BusName("org.gnome.keyring.SystemPrompter", bus, do_not_queue=True), Prompter(bus, "/org/gnome/keyring/Prompter"))


kept = []


def own(*what):
    """A name or an object lives as long as somebody holds it."""
    kept.extend(what)


COMMANDS = {"tray": tray, "click": click, "activate": activate, "owned": owned, "lock": lock, "unlock": unlock, "fallAsleep": fall_asleep}


def on_line(source, _condition):
    line = source.readline()
    if not line:
        loop.quit()
        return False
    command = json.loads(line)
    try:
        answer = {"value": COMMANDS[command["do"]](command)}
    except Exception as thrown:
        answer = {"error": str(thrown)}
    print(json.dumps(answer), flush=True)
    return True


if "--panel" in sys.argv:
    own(dbus.service.BusName(WATCHER, bus, do_not_queue=True), Watcher(bus, "/StatusNotifierWatcher"))
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, on_line)
print(json.dumps({"value": "ready"}), flush=True)
loop.run()
