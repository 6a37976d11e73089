import { mount } from 'svelte';
import 'maplibre-gl/dist/maplibre-gl.css';
import './app.css';
import { language, speak } from './strings';

// The words come first: what is imported after them may already use them.
await speak(language());
const { default: App } = await import('./App.svelte');

const target = document.getElementById('app');
if (target) mount(App, { target });
