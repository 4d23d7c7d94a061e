// Before the tables are read: they are laid out a page at a time where scripts run.  Where the
// script of the page does not get as far as that, they are shown whole.
document.documentElement.classList.add('js');
document.addEventListener('DOMContentLoaded', () => {
  if (!document.documentElement.dataset.ready) document.documentElement.classList.remove('js');
});
