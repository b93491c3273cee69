import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/player.css';
import './styles/wall.css';
import './styles/stream.css';
import './styles/recording.css';
import './styles/login.css';
import { diagnostics } from './diagnostics';
import { ServerLink } from './server/link';
import { App } from './ui/app';

window.framewire = diagnostics;

const app = document.querySelector('fw-app');
if (app instanceof App) app.link = new ServerLink(location);
