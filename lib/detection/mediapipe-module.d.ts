/** tasks-vision's loader as a module: importing it sets the global `ModuleFactory` that tasks-vision looks for. */
declare module '@mediapipe/tasks-vision/vision_wasm_module_internal.js';
