package io.hipchatalerts.state.store;

import com.oracle.svm.core.annotate.Delete;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import software.amazon.awssdk.regions.GeneratedServiceMetadataProvider;
import software.amazon.awssdk.regions.ServiceMetadata;
import software.amazon.awssdk.regions.servicemetadata.DynamodbServiceMetadata;

/**
 * Leaves out of a native executable what DynamoDB's client brings for the sake of other AWS services. A build
 * stops if one of these classes is no longer there.
 */
final class OnlyDynamoDb {

    private OnlyDynamoDb() {}

    /** Quarkus' extension puts Java's XML in, for services that speak it; DynamoDB speaks JSON. */
    @TargetClass(className = "com.sun.xml.internal.stream.XMLInputFactoryImpl")
    @Delete
    static final class XmlReader {}

    /** See {@link XmlReader}. */
    @TargetClass(className = "com.sun.xml.internal.stream.XMLOutputFactoryImpl")
    @Delete
    static final class XmlWriter {}

    /** The addresses of three hundred services in every region. */
    @TargetClass(GeneratedServiceMetadataProvider.class)
    static final class Addresses {

        /** Null, as for a service that the library does not know: then its address is made by the usual pattern. */
        @Substitute
        public ServiceMetadata serviceMetadata(String endpointPrefix) {
            return endpointPrefix.equals("dynamodb") ? new DynamodbServiceMetadata() : null;
        }
    }
}
