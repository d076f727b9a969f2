package org.alexnetedge.ort;

/**
 * The functions that are bound, by their place in ONNX Runtime's structs of function pointers
 * (onnxruntime_c_api.h; the structs only ever grow at their end). Parameters are given as in the
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
  SessionGetOverridableInitializerCount(32), // (session, out)
  SessionGetInputTypeInfo(33), // (session, i, out)
  SessionGetOutputTypeInfo(34), // (session, i, out)
  SessionGetOverridableInitializerTypeInfo(35), // (session, i, out)
  SessionGetInputName(36), // (session, i, allocator, out)
  SessionGetOutputName(37), // (session, i, allocator, out)
  SessionGetOverridableInitializerName(38), // (session, i, allocator, out)
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
  CreateMemoryInfo(68), // (name, allocator type, device, memory type, out)
  CreateCpuMemoryInfo(69), // (allocator type, memory type, out)
  MemoryInfoGetName(71), // (info, out)
  MemoryInfoGetId(72), // (info, out)
  AllocatorFree(76), // (allocator, pointer)
  GetAllocatorWithDefaultOptions(78), // (out)
  AddFreeDimensionOverride(79), // (options, denotation, size)
  GetValue(80), // (value, i, allocator, out)
  GetValueCount(81), // (value, out)
  CreateValue(82), // (values, n, type, out)
  ReleaseStatus(93), // (status)
  ReleaseMemoryInfo(94), // (info)
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
  DisablePerSessionThreads(120), // (options)
  CreateThreadingOptions(121), // (out)
  ReleaseThreadingOptions(122), // (threading)
  ModelMetadataGetCustomMetadataMapKeys(123), // (metadata, allocator, out keys, out n)
  AddFreeDimensionOverrideByName(124), // (options, name, size)
  GetAvailableProviders(125), // (out, out n)
  ReleaseAvailableProviders(126), // (providers, n)
  AddSessionConfigEntry(130), // (options, key, value)
  CreateAllocator(131), // (session, info, out)
  ReleaseAllocator(132), // (allocator)
  RunWithBinding(133), // (session, run options, binding)
  CreateIoBinding(134), // (session, out)
  ReleaseIoBinding(135), // (binding)
  BindInput(136), // (binding, name, value)
  BindOutput(137), // (binding, name, value)
  BindOutputToDevice(138), // (binding, name, memory info)
  GetBoundOutputNames(139), // (binding, allocator, out buffer, out lengths, out n)
  GetBoundOutputValues(140), // (binding, allocator, out values, out n)
  SessionGetProfilingStartTimeNs(146), // (session, out)
  SetGlobalIntraOpNumThreads(147), // (threading, n)
  SetGlobalInterOpNumThreads(148), // (threading, n)
  SetGlobalSpinControl(149), // (threading, on)
  AddInitializer(150), // (options, name, value)
  CreateEnvWithCustomLoggerAndGlobalThreadPools(151), // (fn, param, level, logid, threading, out)
  SetGlobalDenormalAsZero(155), // (threading)
  ModelMetadataGetGraphDescription(158), // (metadata, allocator, out)
  AddRunConfigEntry(165), // (options, key, value)
  CreatePrepackedWeightsContainer(166), // (out)
  ReleasePrepackedWeightsContainer(167), // (container)
  CreateSessionWithPrepackedWeightsContainer(168), // (env, path, options, container, out)
  CreateSessionFromArrayWithPrepackedWeightsContainer(
      169), // (env, data, size, options, container, out)
  SessionOptionsAppendExecutionProvider_TensorRT_V2(170), // (options, provider options)
  CreateTensorRTProviderOptions(171), // (out)
  UpdateTensorRTProviderOptions(172), // (provider options, keys, values, n)
  ReleaseTensorRTProviderOptions(174), // (provider options)
  CreateSparseTensorAsOrtValue(179), // (allocator, shape, rank, type, out)
  FillSparseTensorCoo(180), // (value, info, shape, rank, values, indices, n)
  FillSparseTensorCsr(181), // (value, info, shape, rank, values, inner, n, outer, n)
  FillSparseTensorBlockSparse(182), // (value, info, shape, rank, values, shape, rank, indices)
  GetSparseTensorFormat(187), // (value, out)
  GetSparseTensorValuesTypeAndShape(188), // (value, out)
  GetSparseTensorValues(189), // (value, out)
  GetSparseTensorIndices(191), // (value, format, out n, out)
  HasValue(192), // (value, out)
  GetTensorMemoryInfo(194), // (value, out)
  SessionOptionsAppendExecutionProvider_CUDA_V2(204), // (options, provider options)
  CreateCUDAProviderOptions(205), // (out)
  UpdateCUDAProviderOptions(206), // (provider options, keys, values, n)
  ReleaseCUDAProviderOptions(208), // (provider options)
  AddExternalInitializers(210), // (options, names, values, n)
  SessionOptionsAppendExecutionProvider(216), // (options, name, keys, values, n)
  GetTrainingApi(219), // (version) -> OrtTrainingApi*
  SessionOptionsAppendExecutionProvider_CANN(220), // (options, provider options)
  CreateCANNProviderOptions(221), // (out)
  UpdateCANNProviderOptions(222), // (provider options, keys, values, n)
  ReleaseCANNProviderOptions(224), // (provider options)
  MemoryInfoGetDeviceType(225), // (info, out)
  SetGlobalIntraOpThreadAffinity(227), // (threading, affinity)
  RegisterCustomOpsLibrary_V2(228), // (options, path)
  SessionOptionsAppendExecutionProvider_Dnnl(239), // (options, provider options)
  CreateDnnlProviderOptions(240), // (out)
  UpdateDnnlProviderOptions(241), // (provider options, keys, values, n)
  ReleaseDnnlProviderOptions(243), // (provider options)
  CastTypeInfoToOptionalTypeInfo(250), // (info, out)
  GetOptionalContainedTypeInfo(251), // (info, out)
  GetResizedStringTensorElementBuffer(252), // (value, i, bytes, out buffer)
  GetBuildInfoString(254), // () -> char*
  RunAsync(260), // (session, run options, names, values, n, names, n, out values, callback, data)
  SetDeterministicCompute(273), // (options, on)
  AddExternalInitializersFromFilesInMemory(279), // (options, names, buffers, sizes, n)
  CreateLoraAdapter(280), // (path, allocator, out)
  CreateLoraAdapterFromArray(281), // (data, size, allocator, out)
  ReleaseLoraAdapter(282), // (adapter)
  RunOptionsAddActiveLoraAdapter(283), // (options, adapter)
  GetCompileApi(294), // () -> OrtCompileApi*
  GetKeyValuePairs(298), // (pairs, out keys, out values, out n)
  RegisterExecutionProviderLibrary(301), // (env, name, path)
  GetEpDevices(303), // (env, out devices, out n)
  SessionOptionsAppendExecutionProvider_V2(304), // (options, env, devices, n, keys, values, n)
  HardwareDevice_Type(307), // (device) -> type
  HardwareDevice_VendorId(308), // (device) -> id
  HardwareDevice_Vendor(309), // (device) -> char*
  HardwareDevice_DeviceId(310), // (device) -> id
  HardwareDevice_Metadata(311), // (device) -> pairs
  EpDevice_EpName(312), // (device) -> char*
  EpDevice_EpVendor(313), // (device) -> char*
  EpDevice_EpMetadata(314), // (device) -> pairs
  EpDevice_EpOptions(315), // (device) -> pairs
  EpDevice_Device(316), // (device) -> hardware device
  MemoryInfoGetDeviceMemType(321), // (info) -> type
  CopyTensors(386), // (env, from, to, stream, n)
  Session_GetEpGraphAssignmentInfo(407), // (session, out subgraphs, out n)
  EpAssignedSubgraph_GetEpName(408), // (subgraph, out)
  EpAssignedSubgraph_GetNodes(409), // (subgraph, out nodes, out n)
  EpAssignedNode_GetOperatorType(412), // (node, out)

  GetTensorElementTypeAndShapeDataReference(414), // (value, out type, out sizes, out n)

  // OrtCompileApi, from GetCompileApi
  ReleaseModelCompilationOptions(Struct.COMPILE, 0), // (compilation)
  CreateModelCompilationOptionsFromSessionOptions(Struct.COMPILE, 1), // (env, options, out)
  ModelCompilationOptions_SetInputModelPath(Struct.COMPILE, 2), // (compilation, path)
  ModelCompilationOptions_SetInputModelFromBuffer(Struct.COMPILE, 3), // (compilation, data, size)
  ModelCompilationOptions_SetOutputModelPath(Struct.COMPILE, 4), // (compilation, path)
  ModelCompilationOptions_SetOutputModelExternalInitializersFile(
      Struct.COMPILE, 5), // (compilation, path, size)
  ModelCompilationOptions_SetOutputModelBuffer(
      Struct.COMPILE, 6), // (compilation, allocator, out data, out size)
  ModelCompilationOptions_SetEpContextEmbedMode(Struct.COMPILE, 7), // (compilation, on)
  CompileModel(Struct.COMPILE, 8), // (env, compilation)
  ModelCompilationOptions_SetFlags(Struct.COMPILE, 9); // (compilation, flags)

  /** A struct of function pointers, with the last place that each version 1.x of it has. */
  enum Struct {
    /** {@code OrtApi}; each version's end is asserted in onnxruntime_c_api.cc. */
    API(
        "OrtApi", 1, 101, 118, 124, 126, 149, 157, 161, 169, 191, 203, 209, 218, 224, 238, 254, 265,
        275, 279, 279, 284, 284, 317, 389, 414, 418, 418, 421, 423),
    /** {@code OrtCompileApi}, introduced by 1.22. */
    COMPILE("OrtCompileApi", 22, 8, 13);

    private final String header;
    private final int first;
    private final int[] last;

    Struct(String header, int first, int... last) {
      this.header = header;
      this.first = first;
      this.last = last;
    }

    /** Its name in the header. */
    String header() {
      return header;
    }

    /** Number of functions in the newest version that is known. */
    int size() {
      return last[last.length - 1] + 1;
    }

    /** Number of functions in a version 1.x that has the struct. */
    int size(int version) {
      return last[Math.min(version - first, last.length - 1)] + 1;
    }

    private int since(int index) {
      int version = 0;
      while (last[version] < index) {
        version++;
      }
      return first + version;
    }
  }

  private final Struct struct;
  private final int index;

  Function(int index) {
    this(Struct.API, index);
  }

  Function(Struct struct, int index) {
    this.struct = struct;
    this.index = index;
  }

  Struct struct() {
    return struct;
  }

  /** Place in the struct, from 0. */
  int index() {
    return index;
  }

  /** Minor version of the ONNX Runtime 1.x that introduced it. */
  int since() {
    return struct.since(index);
  }
}
