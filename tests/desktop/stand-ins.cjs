// Runs first inside the program under test: a headless display shows no notifications, so what would be shown is kept.
const { Notification } = require('electron');

globalThis.shownNotifications = [];
Notification.isSupported = () => true;
Notification.prototype.show = function () {
  globalThis.shownNotifications.push(this);
  this.emit('show', {});
};
