import { render } from 'preact';
import { App } from './app/App.tsx';
import { allowOwnWorkers } from './app/trusted-types.ts';
import './styles/tokens.css';
import './styles/base.css';

allowOwnWorkers();
const root = document.getElementById('app');
if (root) render(<App />, root);
