import { mount } from 'svelte';
import './app.css';
import { askEarly } from './api';
import { language, speak } from './strings';

askEarly();
// The words come first: what is imported after them may already use them.
await speak(language());
const { default: App } = await import('./App.svelte');

const target = document.getElementById('app');
if (target) mount(App, { target });
