// Starts the page: theme, session, shell.

import { render } from 'preact';
import { App } from './app';
import { startTheme } from './theme';

startTheme();
const page = document.getElementById('page');
if (page) {
  page.textContent = '';
  render(<App />, page);
}
