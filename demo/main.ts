import { showAbout } from './about.ts';
import { setUpComparison } from './compare.ts';
import { setUpLive } from './live.ts';
import { loadFaceNet } from './loading.ts';

// Everything can be used from the first paint: what needs the networks waits for this promise by itself.
const facenet = loadFaceNet();
setUpComparison(facenet);
setUpLive(facenet);
void facenet.then(showAbout);
