package io.hipchatalerts.state.store;

import com.oracle.svm.core.annotate.Delete;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import software.amazon.awssdk.regions.GeneratedServiceMetadataProvider;
import software.amazon.awssdk.regions.ServiceMetadata;
import software.amazon.awssdk.regions.servicemetadata.DynamodbServiceMetadata;

/**
 * Removes from a native executable the parts of DynamoDB's client that only other AWS services need. The build fails if
 * one of these classes no longer exists.
 */
final class OnlyDynamoDb {

    private OnlyDynamoDb() {}

    /** Quarkus' extension adds Java's XML parser for services that use XML; DynamoDB uses JSON. */
    @TargetClass(className = "com.sun.xml.internal.stream.XMLInputFactoryImpl")
    @Delete
    static final class XmlReader {}

    /** See {@link XmlReader}. */
    @TargetClass(className = "com.sun.xml.internal.stream.XMLOutputFactoryImpl")
    @Delete
    static final class XmlWriter {}

    /** Contains the addresses of three hundred services in every region. */
    @TargetClass(GeneratedServiceMetadataProvider.class)
    static final class Addresses {

        /**
         * Returns null for every other service, as the library does for an unknown service: it then derives the address
         * from the usual pattern.
         */
        @Substitute
        public ServiceMetadata serviceMetadata(String endpointPrefix) {
            return endpointPrefix.equals("dynamodb") ? new DynamodbServiceMetadata() : null;
        }
    }
}
