package org.alexnetedge.ort;

/**
 * The functions of {@code OrtApi} that are bound, by their place in that struct
 * (onnxruntime_c_api.h; the struct only ever grows at its end). Parameters are given as in the
 * header, without the type prefixes.
 */
enum Function {
  GetErrorCode(1), // (status) -> code
  GetErrorMessage(2), // (status) -> char*
  CreateEnvWithCustomLogger(4), // (fn, param, level, logid, out)
  CreateSession(7), // (env, path, options, out)
  CreateSessionFromArray(8), // (env, data, size, options, out)
  Run(9), // (session, run options, names, values, n, names, n, out values)
  CreateSessionOptions(10), // (out)
  SetOptimizedModelFilePath(11), // (options, path)
  SetSessionExecutionMode(13), // (options, mode)
  EnableProfiling(14), // (options, prefix)
  EnableMemPattern(16), // (options)
  DisableMemPattern(17), // (options)
  EnableCpuMemArena(18), // (options)
  DisableCpuMemArena(19), // (options)
  SetSessionLogId(20), // (options, id)
  SetSessionLogSeverityLevel(22), // (options, level)
  SetSessionGraphOptimizationLevel(23), // (options, level)
  SetIntraOpNumThreads(24), // (options, n)
  SetInterOpNumThreads(25), // (options, n)
  SessionGetInputCount(30), // (session, out)
  SessionGetOutputCount(31), // (session, out)
  SessionGetInputTypeInfo(33), // (session, i, out)
  SessionGetOutputTypeInfo(34), // (session, i, out)
  SessionGetInputName(36), // (session, i, allocator, out)
  SessionGetOutputName(37), // (session, i, allocator, out)
  CreateRunOptions(39), // (out)
  RunOptionsSetRunLogSeverityLevel(41), // (options, level)
  RunOptionsSetRunTag(42), // (options, tag)
  RunOptionsSetTerminate(46), // (options)
  RunOptionsUnsetTerminate(47), // (options)
  CreateTensorAsOrtValue(48), // (allocator, shape, rank, type, out)
  CreateTensorWithDataAsOrtValue(49), // (info, data, bytes, shape, rank, type, out)
  GetTensorMutableData(51), // (value, out)
  GetStringTensorDataLength(53), // (value, out)
  GetStringTensorContent(54), // (value, buffer, bytes, offsets, n)
  CastTypeInfoToTensorInfo(55), // (info, out)
  GetOnnxTypeFromTypeInfo(56), // (info, out)
  GetTensorElementType(60), // (info, out)
  GetDimensionsCount(61), // (info, out)
  GetDimensions(62), // (info, out, n)
  GetSymbolicDimensions(63), // (info, out, n)
  GetTensorTypeAndShape(65), // (value, out)
  GetValueType(67), // (value, out)
  CreateCpuMemoryInfo(69), // (allocator type, memory type, out)
  AllocatorFree(76), // (allocator, pointer)
  GetAllocatorWithDefaultOptions(78), // (out)
  AddFreeDimensionOverride(79), // (options, denotation, size)
  ReleaseStatus(93), // (status)
  ReleaseSession(95), // (session)
  ReleaseValue(96), // (value)
  ReleaseRunOptions(97), // (options)
  ReleaseTypeInfo(98), // (info)
  ReleaseTensorTypeAndShapeInfo(99), // (info)
  ReleaseSessionOptions(100), // (options)
  CastTypeInfoToMapTypeInfo(103), // (info, out)
  CastTypeInfoToSequenceTypeInfo(104), // (info, out)
  GetMapKeyType(105), // (info, out)
  GetMapValueType(106), // (info, out)
  GetSequenceElementType(107), // (info, out)
  SessionEndProfiling(110), // (session, allocator, out)
  SessionGetModelMetadata(111), // (session, out)
  ModelMetadataGetProducerName(112), // (metadata, allocator, out)
  ModelMetadataGetGraphName(113), // (metadata, allocator, out)
  ModelMetadataGetDomain(114), // (metadata, allocator, out)
  ModelMetadataGetDescription(115), // (metadata, allocator, out)
  ModelMetadataLookupCustomMetadataMap(116), // (metadata, allocator, key, out)
  ModelMetadataGetVersion(117), // (metadata, out)
  ReleaseModelMetadata(118), // (metadata)
  ModelMetadataGetCustomMetadataMapKeys(123), // (metadata, allocator, out keys, out n)
  AddFreeDimensionOverrideByName(124), // (options, name, size)
  GetAvailableProviders(125), // (out, out n)
  ReleaseAvailableProviders(126), // (providers, n)
  AddSessionConfigEntry(130), // (options, key, value)
  RunWithBinding(133), // (session, run options, binding)
  CreateIoBinding(134), // (session, out)
  ReleaseIoBinding(135), // (binding)
  BindInput(136), // (binding, name, value)
  BindOutput(137), // (binding, name, value)
  BindOutputToDevice(138), // (binding, name, memory info)
  GetBoundOutputNames(139), // (binding, allocator, out buffer, out lengths, out n)
  GetBoundOutputValues(140), // (binding, allocator, out values, out n)
  ClearBoundInputs(141), // (binding)
  ClearBoundOutputs(142), // (binding)
  ModelMetadataGetGraphDescription(158), // (metadata, allocator, out)
  AddRunConfigEntry(165), // (options, key, value)
  SessionOptionsAppendExecutionProvider_TensorRT_V2(170), // (options, provider options)
  CreateTensorRTProviderOptions(171), // (out)
  UpdateTensorRTProviderOptions(172), // (provider options, keys, values, n)
  ReleaseTensorRTProviderOptions(174), // (provider options)
  SessionOptionsAppendExecutionProvider_CUDA_V2(204), // (options, provider options)
  CreateCUDAProviderOptions(205), // (out)
  UpdateCUDAProviderOptions(206), // (provider options, keys, values, n)
  ReleaseCUDAProviderOptions(208), // (provider options)
  SessionOptionsAppendExecutionProvider(216), // (options, name, keys, values, n)
  CastTypeInfoToOptionalTypeInfo(250), // (info, out)
  GetOptionalContainedTypeInfo(251), // (info, out)
  GetResizedStringTensorElementBuffer(252), // (value, i, bytes, out buffer)
  GetBuildInfoString(254), // () -> char*
  Session_GetEpGraphAssignmentInfo(407, 24), // (session, out subgraphs, out n)
  EpAssignedSubgraph_GetEpName(408, 24), // (subgraph, out)
  EpAssignedSubgraph_GetNodes(409, 24), // (subgraph, out nodes, out n)
  EpAssignedNode_GetName(410, 24), // (node, out)
  EpAssignedNode_GetOperatorType(412, 24); // (node, out)

  private final int index;
  private final int since;

  Function(int index) {
    this(index, Api.OLDEST);
  }

  Function(int index, int since) {
    this.index = index;
    this.since = since;
  }

  /** Place in the struct, from 0. */
  int index() {
    return index;
  }

  /** Minor version of the ONNX Runtime 1.x that introduced it, or the oldest supported one. */
  int since() {
    return since;
  }
}
