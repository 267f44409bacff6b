import { render } from 'preact';
import { App } from './app/App.tsx';
import { allowSameOriginWorkers } from './app/trusted-types.ts';
import './styles/tokens.css';
import './styles/base.css';

allowSameOriginWorkers();
const root = document.getElementById('app');
if (root) render(<App />, root);
