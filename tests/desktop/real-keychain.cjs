// Runs first inside the program under test: Playwright's own start makes Chromium use no keychain.
const { app } = require('electron');

app.commandLine.removeSwitch('password-store');
app.commandLine.appendSwitch('password-store', 'gnome-libsecret');
