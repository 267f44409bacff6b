/** facenet-web/clustering: a pile of faces grouped into people. */
export { type Cluster, type ClusterFace, type ClusterOptions, clusterFaces } from './cluster.ts';
