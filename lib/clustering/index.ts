/** facenet-web/clustering: groups faces by person. */
export { type Cluster, type ClusterFace, type ClusterOptions, clusterFaces } from './cluster.ts';
